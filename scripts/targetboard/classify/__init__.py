"""Driver or passenger: the oncogenicity standard and curated evidence."""
