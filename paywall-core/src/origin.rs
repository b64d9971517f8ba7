//! Where a payment comes from, as far as it is remembered: 8 bytes that say nothing to who lacks the key.
//!
//! A settled signature is public, so it opens only for the network that first presented it: the /24 of an
//! IPv4 address, the /48 of an IPv6 one.

use std::net::{IpAddr, Ipv6Addr};

use crate::handover::Keys;

/// The network's tag by each key, the current one first.
pub fn tags(keys: &Keys, site: &str, client_ip: &str) -> Vec<[u8; 8]> {
    let network = network(client_ip);
    keys.tags(&[b"origin", site.as_bytes(), network.as_bytes()])
}

/// The network of an address; what is no address is its own.
pub fn network(client_ip: &str) -> String {
    match client_ip.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
        Err(_) => client_ip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_addresses() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.0/24"),
            ("::ffff:203.0.113.7", "203.0.113.0/24"),
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(network(address), expected);
        }
    }
}
