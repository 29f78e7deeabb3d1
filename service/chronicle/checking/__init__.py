"""Checks of chronicles before they are taken in."""
