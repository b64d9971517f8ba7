//! Whether a node follows its chain: one that stopped says of every payment that it has not come.

use crate::line::Line;

const WHAT: &str = "node";

/// How old the newest block may be, seconds: 25 slots of Ethereum, whose blocks are the slowest of the networks that have
/// a name here. <https://ethereum.org/en/developers/docs/blocks/#block-time>
const OLDEST: u64 = 300;

/// How far a block's clock may be ahead of this machine's, seconds.
const AHEAD: u64 = 60;

/// Judges when the newest block of a node was made, Unix seconds.
pub(crate) fn judge(node: &str, network: &str, made: &Result<u64, String>, now: u64) -> Line {
    match made {
        Err(why) => Line::wrong(
            WHAT,
            format!(
                "the node {node} of {network} does not say when its newest block was made: {why}"
            ),
            "name another node",
        ),
        Ok(made) if now.saturating_sub(*made) > OLDEST => Line::wrong(
            WHAT,
            format!("the newest block of the node {node} of {network} is {} s old", now - made),
            "name a node that follows its chain; where blocks are made on demand, accept it",
        )
        .unless("stale-node"),
        Ok(made) if made.saturating_sub(now) > AHEAD => Line::wrong(
            WHAT,
            format!("the newest block of the node {node} of {network} is {} s ahead", made - now),
            "set this machine's clock, or name another node",
        ),
        Ok(_) => Line::right(WHAT, format!("the node {node} follows {network}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Verdict;

    #[test]
    fn old_and_new() {
        let at = |made| judge("n", "eip155:1", &made, 10_000).verdict;
        assert_eq!(at(Ok(10_000 - OLDEST)), Verdict::Right);
        assert_eq!(at(Ok(10_000 - OLDEST - 1)), Verdict::Wrong);
        assert_eq!(at(Ok(10_000 + AHEAD)), Verdict::Right);
        assert_eq!(at(Ok(10_001 + AHEAD)), Verdict::Wrong);
        assert_eq!(at(Err(String::new())), Verdict::Wrong);
    }
}
