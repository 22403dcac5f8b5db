"""Shapes through all networks of a space: layers that cannot take what flows into them, in some configuration."""

from __future__ import annotations

from hyperdsl.audit.shapes.places import audit_places
from hyperdsl.audit.shapes.walk import audit_shapes

__all__ = ["audit_places", "audit_shapes"]
