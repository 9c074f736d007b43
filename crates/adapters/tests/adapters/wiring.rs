//! What fits together, and what is refused before anything is touched.

use crate::house::Scratch;
use crate::orders::{command_wiring, order, process_wiring};
use adapters::{Adapters, GateAddress};
use control::ports::{Connect, PortError, Reading};
use engine::{Gap, Millis};
use policy::{Probe, Signal, Wiring};

fn refused(adapters: &Adapters, wiring: &Wiring) -> PortError {
    let error = adapters.connect(wiring).err().unwrap();
    assert!(!error.retry && !error.hint.is_empty());
    error
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let scratch = Scratch::new();
    let adapters = Adapters::new(Some(GateAddress(scratch.path().join("gate.sock"))));
    let (process, command) = (process_wiring(&scratch), command_wiring(&scratch));
    let crossed = Wiring { lever: command.lever.clone(), ..process.clone() };
    assert_eq!(refused(&adapters, &crossed).code, "TG-5010");
    let crossed = Wiring { lever: process.lever.clone(), ..command.clone() };
    assert_eq!(refused(&adapters, &crossed).code, "TG-5010");
    let uncounted = Wiring { signals: vec![Signal::Gate], ..command.clone() };
    assert_eq!(refused(&adapters, &uncounted).code, "TG-5010");
    assert_eq!(refused(&Adapters::new(None), &process).code, "TG-5014");
    assert!(Adapters::new(None).connect(&command).is_ok());
    let over_tls = Probe {
        canary: "https://127.0.0.1/".into(),
        stable: "http://127.0.0.1/".into(),
        every: Millis::seconds(5),
        timeout: Millis::seconds(1),
    };
    for wiring in [process, command] {
        assert_eq!(refused(&adapters, &Wiring { probe: Some(over_tls.clone()), ..wiring }).code, "TG-5030");
    }
}

#[tokio::test]
async fn a_service_that_nobody_counts_or_probes_says_so() {
    let scratch = Scratch::new();
    let wiring = command_wiring(&scratch);
    let adapters = Adapters::new(None);
    let next = order(&wiring, Some("1.0"), "1.1");
    let site = adapters.connect(&wiring).unwrap();
    assert_eq!(site.signal.read(&next, "").await, Reading::None(Gap::Unmeasured));
    assert_eq!(site.prober.probe(&next).await, None);
    let pushed = Wiring { signals: vec![Signal::Push], ..wiring.clone() };
    assert_eq!(adapters.connect(&pushed).unwrap().signal.read(&next, "").await, Reading::NotYet);
    let live = crate::orders::installed(&wiring, "1.0");
    adapters.settle(&wiring, &live, next.turn).await.unwrap();
    assert_eq!(scratch.read("log"), "", "nothing is run to settle");
}
