//! Makes the kernel's table what a rules file says, and touches nothing that is so
//! already. Without `--apply` it only prints the steps.
//!
//!     reconciler /etc/ipvsadm.rules --apply

use ipvs::{Kernel, Target};
use std::fs::File;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::Duration;

/// How long to wait while another program restores.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let reconciled = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [path] => reconcile(path, false),
        [path, "--apply"] => reconcile(path, true),
        _ => Err("give a rules file, and --apply to carry the plan out".into()),
    };
    match reconciled {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn reconcile(path: &str, apply: bool) -> Result<(), Box<dyn std::error::Error>> {
    let target = Target::read(File::open(path)?)?;
    if target.table().services().next().is_none() {
        return Err("a file without services would remove them all".into());
    }
    let mut kernel = Kernel::open()?;
    // From the plan to its end no other restore changes the table.
    let _lock = kernel.lock(PATIENCE)?;
    let plan = kernel.plan(&target)?;
    for step in plan.steps() {
        println!("{step}");
    }
    println!("{}", plan.counts());
    if apply {
        // A refusal tells the changes, why they were refused, and what could not be
        // undone.
        kernel.converge(&plan, |_sent| ControlFlow::Continue(()))?;
    }
    Ok(())
}
