"""Contacts read closely: what each side reported, side by side."""

from relations.reading._references import references

__all__ = ["references"]
