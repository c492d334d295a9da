"""PDF papers, made from the very pages the HTML formats show."""
