"""What there is to be found. Enough to see that the two engines differ."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A page."""

    title: str
    text: str


DOCUMENTS = (
    Document("Tides", "The moon pulls the sea. Twice a day the water rises and falls."),
    Document("Locks and gates", "A gate holds the water back until both sides are level."),
    Document("Spring tides", "When sun and moon pull together the tides are highest."),
    Document("Canaries", "Miners carried a bird that felt bad air before they did."),
    Document("Harbours", "A harbour with a tide gate keeps its water when the sea falls."),
)
