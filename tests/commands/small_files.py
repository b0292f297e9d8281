"""`apps.mdgan` where no file can grow beyond $FILE_LIMIT bytes. Run by `test_bad_input.py`."""

import os
import resource
import runpy

limit = int(os.environ["FILE_LIMIT"])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
runpy.run_module("apps.mdgan", run_name="__main__", alter_sys=True)
