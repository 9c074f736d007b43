//! The policy in the guide to commands does what the guide says, against a cluster that is a folder.

use crate::house::Scratch;
use crate::orders::order;
use adapters::Adapters;
use control::ports::{Connect, PortError};
use engine::Share;
use policy::{EnvValue, Lever, Target, Wiring};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

/// Notes what it is asked, and knows one ingress.
const KUBECTL: &str = r#"#!/bin/sh
echo "$*" >> "$CLUSTER/asked"
case "$*" in
  "apply -f k8s/production/") echo 0 > "$CLUSTER/weight" ;;
  "annotate ingress shop-canary --overwrite nginx.ingress.kubernetes.io/canary-weight="*) echo "${5#*=}" > "$CLUSTER/weight" ;;
  "get ingress shop-canary -o jsonpath={.metadata.annotations.nginx\.ingress\.kubernetes\.io/canary-weight}") printf %s "$(cat "$CLUSTER/weight")" ;;
  "apply -f k8s/canary/" | "set image deployment/shop"*":1.1" | "rollout status deployment/shop"*) ;;
  "delete --ignore-not-found -f k8s/canary/") ;;
  *) echo "error: unknown command $*" >&2; exit 1 ;;
esac
"#;

fn wiring(scratch: &Scratch) -> Wiring {
    let guide = include_str!("../../../../docs/guide/command.md");
    let yaml = guide.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let policy = policy::read(yaml, "tidegate.yaml").map_err(|problems| problems.list).unwrap();
    let mut wiring = policy.compile("shop", "production", "feature").unwrap().wiring;
    let kubectl = scratch.write("kubectl", KUBECTL);
    std::fs::set_permissions(kubectl, std::fs::Permissions::from_mode(0o755)).unwrap();
    scratch.write("weight", "0");
    let folder = scratch.path().display().to_string();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    let own =
        BTreeMap::from([("PATH".into(), EnvValue::Text(path)), ("CLUSTER".into(), EnvValue::Text(folder.clone()))]);
    let (Target::Command(target), Lever::Command(lever)) = (&mut wiring.target, &mut wiring.lever) else { panic!() };
    (target.env, target.workdir) = (own.clone(), folder.clone());
    (lever.env, lever.workdir) = (own, folder);
    wiring
}

#[tokio::test]
async fn a_release_to_a_cluster_is_promoted() -> Result<(), PortError> {
    let scratch = Scratch::new();
    let wiring = wiring(&scratch);
    let site = Adapters::new(None).connect(&wiring)?;
    let next = order(&wiring, wiring.live.as_deref(), "1.1");
    site.target.deploy(&next).await?;
    assert_eq!(site.lever.observe(&next).await?, Share::NONE);
    for share in [Share::percent(5), Share::percent(50), Share::ALL] {
        site.lever.shift(&next, share).await?;
        assert_eq!(site.lever.observe(&next).await?, share);
    }
    site.target.promote(&next).await?;
    assert_eq!(site.lever.observe(&next).await?, Share::NONE);
    let asked = scratch.read("asked");
    let place = |what: &str| asked.rfind(what).unwrap();
    assert!(place("apply -f k8s/production/") < place("canary-weight=0"));
    assert!(place("canary-weight=0") < place("delete --ignore-not-found"));
    Ok(())
}

#[tokio::test]
async fn a_release_to_a_cluster_is_taken_back() -> Result<(), PortError> {
    let scratch = Scratch::new();
    let wiring = wiring(&scratch);
    let site = Adapters::new(None).connect(&wiring)?;
    let next = order(&wiring, wiring.live.as_deref(), "1.1");
    site.target.deploy(&next).await?;
    site.lever.shift(&next, Share::percent(25)).await?;
    site.lever.shift(&next, Share::NONE).await?;
    site.target.withdraw(&next).await?;
    assert_eq!(site.lever.observe(&next).await?, Share::NONE);
    assert!(!scratch.read("asked").contains("k8s/production/"), "production was never touched");
    Ok(())
}
