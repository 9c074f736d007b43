//! What a command is told.

use super::percent::percent;
use control::ports::Order;
use engine::Share;

/// A variable and its value.
pub(crate) type Told = Vec<(&'static str, String)>;

/// Which release of what a command is about.
pub(crate) fn about(order: &Order) -> Told {
    // Empty and not absent for a first release, so that `set -u` does not stop a script.
    let live = order.stable.as_ref().map_or_else(String::new, |stable| stable.version.clone());
    vec![
        ("TIDEGATE_RELEASE", order.release.clone()),
        ("TIDEGATE_SERVICE", order.wiring.service.clone()),
        ("TIDEGATE_CHANNEL", order.wiring.channel.clone()),
        ("TIDEGATE_VERSION", order.canary.version.clone()),
        ("TIDEGATE_ARTIFACT", order.canary.artifact.clone()),
        ("TIDEGATE_LIVE_VERSION", live),
    ]
}

/// The same, and which share of the users it is about.
pub(crate) fn about_share(order: &Order, share: Share) -> Told {
    let mut told = about(order);
    told.push(("TIDEGATE_SHARE_PERCENT", percent(share)));
    told.push(("TIDEGATE_SHARE_PPM", share.ppm().to_string()));
    told
}
