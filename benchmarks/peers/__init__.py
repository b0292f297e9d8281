"""kgan's train step beside the same algorithm in other frameworks."""
