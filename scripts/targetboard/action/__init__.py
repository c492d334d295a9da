"""From drivers to decisions: tumour types, profiles, therapies, tiers, resistance."""
