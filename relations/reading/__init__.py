"""Contacts read closely: what each side reported, side by side."""
