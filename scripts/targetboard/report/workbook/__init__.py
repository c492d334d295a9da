"""The workbook for tumour boards (``ID.actions.xlsx``)."""
