"""Thin namespaces in the words of the array API, for the frameworks that array-api-compat leaves out or makes slow."""
