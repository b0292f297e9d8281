"""The page to play with: trained models looked at by hand, and small games watched as they train.

`shelf`, `trained`, `views` and `live` compute and know nothing of the web; `server` and the files
of `page/` show it.
"""
