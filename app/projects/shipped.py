"""The taxonomies that come with Evenhand, by their versions; the first is what a project gets by itself."""

from app.projects.beavertails import BEAVERTAILS
from app.projects.pku import PKU
from app.projects.taxonomy import Taxonomy

SHIPPED: dict[str, Taxonomy] = {taxonomy.version: taxonomy for taxonomy in (PKU, BEAVERTAILS)}
