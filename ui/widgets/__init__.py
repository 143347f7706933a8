"""What a page is built of. Nothing here knows a page, or the site."""
