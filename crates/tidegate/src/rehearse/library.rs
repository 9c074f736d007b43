//! The scenarios that come with the program. They are files in the language of everybody's scenarios, read by the same
//! reader, so that nothing in them can be said that a user could not say.

/// Name and text, sorted by name.
const SCENARIOS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// A scenario that comes with the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuiltIn {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// All of them.
pub(crate) fn built_in() -> impl Iterator<Item = BuiltIn> {
    SCENARIOS.iter().map(|(name, text)| BuiltIn { name, text })
}

/// The one with this name.
#[must_use]
pub(crate) fn find(name: &str) -> Option<BuiltIn> {
    built_in().find(|scenario| scenario.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_called_as_its_file_and_says_what_happens() {
        assert!(built_in().count() >= 30);
        for one in built_in() {
            let scenario = policy::read_scenario(one.text, one.name).unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(scenario.name, one.name);
            assert!(scenario.description.is_some_and(|text| text.ends_with('.')), "{}", one.name);
        }
    }
}
