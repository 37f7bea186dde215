//! How full the kernel's tables are: `/proc/net/ip_vs_status`, since Linux 7.

/// The file. Only the network namespace of the thread that opens it counts.
pub(crate) const PATH: &str = "/proc/thread-self/net/ip_vs_status";

/// The number of services, from the line `Services:\t600`.
pub(crate) fn services(text: &str) -> Option<usize> {
    let number = text.lines().find_map(|line| line.strip_prefix("Services:"));
    number?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_are_found() {
        let text = "Conns:\t0\nConn buckets:\t256 (8 bits, lfactor -4)\nServices:\t600\nService buckets:\t4096\n";
        assert_eq!(services(text), Some(600));
        assert_eq!(services("Conns:\t0\n"), None);
        assert_eq!(services("Services: many\n"), None);
    }
}
