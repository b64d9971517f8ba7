//! Which of many lines about free objects are printed.

/// Whether a request is the one of so many that a line is printed of: by its id alone, so that both of its events have
/// a line or none has, and that it is the same in each run.
pub fn is_picked(request_id: &str, one_in: u32) -> bool {
    // FNV-1a, 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>. Its low bits are the weak ones.
    let hash = request_id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)).is_multiple_of(one_in.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_one_in_so_many_and_always_the_same() {
        for one_in in [1, 2, 3, 10, 100, 1_000] {
            let ids = (0..100_000).map(|n| format!("{n:x}==request=={}", n * 7));
            let picked = ids.filter(|id| is_picked(id, one_in)).count();
            let expected = 100_000 / one_in as usize;
            assert!(picked.abs_diff(expected) <= expected / 5 + 20, "{one_in}: {picked}");
        }
        assert!(is_picked("4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==", 1));
        let id = |n: u32| is_picked(&format!("request-{n}"), 4);
        let picked: Vec<_> = (1..=20).filter(|n| id(*n)).collect();
        assert_eq!(picked, (1..=20).filter(|n| id(*n)).collect::<Vec<_>>());
    }
}
