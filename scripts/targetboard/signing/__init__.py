"""Sign-out: who answers for a document, what they changed, and a log in which edits show."""
