"""Other systems' formats, made from the sample document alone: FHIR Genomics Reporting and MAF."""
