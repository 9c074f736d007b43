//! The environments of versions that run. A version's secrets are read when it is deployed and then kept: the gate starts a
//! process again when its environment changes, and a secret that is rotated in the middle of a release must not restart both
//! versions under load.

use crate::environment::Environment;
use control::ports::PortResult;
use policy::EnvValue;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

type References = BTreeMap<String, EnvValue>;
type Values = BTreeMap<String, String>;
/// By service key and version.
type Environments = HashMap<(String, String), Read>;

#[derive(Default)]
pub(crate) struct Held {
    environments: Mutex<Environments>,
}

struct Read {
    references: References,
    values: Values,
}

impl Held {
    /// The environment of `version`, as it was when it was first asked for.
    pub(super) async fn environment(&self, key: &str, version: &str, references: &References) -> PortResult<Values> {
        let name = (key.to_owned(), version.to_owned());
        if let Some(read) = self.lock().get(&name)
            && read.references == *references
        {
            return Ok(read.values.clone());
        }
        let values = Environment::read(references).await?.values;
        self.lock().insert(name, Read { references: references.clone(), values: values.clone() });
        Ok(values)
    }

    /// The version is gone, or will be started anew.
    pub(super) fn forget(&self, key: &str, version: &str) {
        self.lock().remove(&(key.to_owned(), version.to_owned()));
    }

    fn lock(&self) -> MutexGuard<'_, Environments> {
        // Nothing that is done under this lock can leave the map half changed.
        self.environments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
