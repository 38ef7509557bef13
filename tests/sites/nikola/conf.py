# The settings of Nikola for Isso, and the minimum that a site needs.
BLOG_AUTHOR = "Ada"
BLOG_TITLE = "The Long Garden"
SITE_URL = "http://garden.example/"
BLOG_EMAIL = "ada@example.org"
BLOG_DESCRIPTION = "Of bees and wasps"
DEFAULT_LANG = "en"
TIMEZONE = "UTC"
THEME = "bootblog4"
POSTS = (("posts/*.md", "posts", "post.tmpl"),)
PAGES = ()
COMPILERS = {"markdown": (".md",)}
GENERATE_RSS = False
USE_BUNDLES = False
COMMENT_SYSTEM = "isso"
COMMENT_SYSTEM_ID = "https://comments-before.example/"
