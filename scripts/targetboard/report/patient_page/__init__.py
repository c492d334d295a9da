"""The page for the patient: one sample in plain words, with the questions to take to the visit."""
