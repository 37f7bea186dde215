//! The text of metrics, whole.

use super::*;
use crate::model::{Destination, Endpoint, Family, Name, Service, ServiceKey, Stats, SyncRole};

fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

fn status(key: ServiceKey) -> ServiceStatus {
    ServiceStatus {
        service: Service::new(key),
        stats: Stats::default(),
    }
}

fn text(metrics: &Metrics, globals: Option<&Globals>) -> String {
    let mut text = Vec::new();
    metrics.write(&mut text, globals).unwrap();
    String::from_utf8(text).unwrap()
}

/// The samples of a name, without it.
fn samples<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    text.lines()
        .filter_map(|line| line.strip_prefix(name))
        .filter(|rest| rest.starts_with(['{', ' ']))
        .collect()
}

fn globals() -> Globals {
    Globals {
        info: Info {
            version: (1, 2, 1),
            connection_table_size: 4096,
        },
        timeouts: Timeouts {
            tcp: 900,
            tcp_fin: 120,
            udp: 300,
        },
        daemons: vec![SyncDaemon {
            role: SyncRole::Master,
            interface: "a\"b\\c".parse().unwrap(),
            sync_id: 7,
            max_length: None,
            group: None,
            port: Some(8848),
            ttl: Some(1),
        }],
    }
}

#[test]
fn a_family_is_written_together() {
    let mut metrics = Metrics::new(MetricsFormat::Prometheus, None, true);
    for (service, server) in [
        ("10.0.0.1:80", "10.0.0.2:8080"),
        ("10.0.0.3:80", "10.0.0.4:80"),
    ] {
        let destination = Destination::new(endpoint(server));
        let mut idle = DestinationStatus::idle(destination);
        idle.stats.connections = u64::MAX;
        metrics.add(&status(ServiceKey::tcp(endpoint(service))), &[idle]);
    }
    let text = text(&metrics, None);
    let expected = "# HELP ipvs_backend_connections_total Connections scheduled.\n\
        # TYPE ipvs_backend_connections_total counter\n\
        ipvs_backend_connections_total{local_address=\"10.0.0.1\",local_port=\"80\",proto=\"TCP\",local_mark=\"\",remote_address=\"10.0.0.2\",remote_port=\"8080\"} 18446744073709551615\n\
        ipvs_backend_connections_total{local_address=\"10.0.0.3\",local_port=\"80\",proto=\"TCP\",local_mark=\"\",remote_address=\"10.0.0.4\",remote_port=\"80\"} 18446744073709551615\n\
        # HELP ";
    assert!(text.contains(expected), "{text}");
}

/// IPv4's and IPv6's services of one mark are two.
#[test]
fn marks_are_node_exporter_s() {
    let mut metrics = Metrics::new(MetricsFormat::Prometheus, None, true);
    for family in [Family::Inet, Family::Inet6] {
        metrics.add(&status(ServiceKey::fwmark(family, 0xabc_1000)), &[]);
    }
    let text = text(&metrics, None);
    let labels = "local_address=\"\",local_port=\"0\",proto=\"FWM\",local_mark=\"0ABC1000\"";
    assert_eq!(
        samples(&text, "ipvs_service_backends"),
        [
            format!("{{{labels}}} 0"),
            format!("{{{labels},family=\"ipv6\"}} 0")
        ]
    );
}

#[test]
fn what_labels_hold_is_escaped() {
    let mut metrics = Metrics::new(MetricsFormat::Prometheus, Some("a\nb".to_owned()), true);
    let mut odd = status(ServiceKey::udp(endpoint("[2001:db8::1]:53")));
    odd.service.scheduler = Name::from_static("x\"\\");
    metrics.add(&odd, &[]);
    let text = text(&metrics, Some(&globals()));
    let service = "netns=\"a\\nb\",local_address=\"2001:db8::1\",local_port=\"53\",proto=\"UDP\",local_mark=\"\"";
    assert_eq!(
        samples(&text, "ipvs_service_info"),
        [format!(
            "{{{service},scheduler=\"x\\\"\\\\\",flags=\"\",ops=\"false\"}} 1"
        )]
    );
    assert_eq!(
        samples(&text, "ipvs_sync_daemon_info"),
        [
            "{netns=\"a\\nb\",role=\"master\",mcast_interface=\"a\\\"b\\\\c\",syncid=\"7\",mcast_port=\"8848\",mcast_ttl=\"1\"} 1"
        ]
    );
    assert_eq!(
        samples(&text, "ipvs_connection_table_buckets"),
        ["{netns=\"a\\nb\"} 4096"]
    );
}

/// OpenMetrics names a family without the ending of its samples, and says where it ends.
#[test]
fn openmetrics_is_a_format_of_its_own() {
    let of = |format| text(&Metrics::new(format, None, true), Some(&globals()));
    let prometheus = of(MetricsFormat::Prometheus);
    let open = of(MetricsFormat::OpenMetrics);
    for (text, line) in [
        (
            &prometheus,
            "# TYPE ipvs_service_connections_total counter\n",
        ),
        (&open, "# TYPE ipvs_service_connections counter\n"),
        (&prometheus, "# TYPE ipvs_build_info gauge\n"),
        (&open, "# TYPE ipvs_build info\n"),
        (&prometheus, "\nipvs_connection_table_buckets 4096\n"),
        (&open, "\nipvs_connection_table_buckets 4096\n"),
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    assert!(open.ends_with("\n# EOF\n") && !prometheus.contains("EOF"));
}

#[test]
fn a_limit_that_is_not_set_has_no_sample() {
    let mut metrics = Metrics::new(MetricsFormat::Prometheus, None, true);
    let mut limited = DestinationStatus::idle(Destination::new(endpoint("10.0.0.2:80")));
    limited.destination.upper_threshold = 100;
    limited.destination.weight = 0;
    metrics.add(
        &status(ServiceKey::tcp(endpoint("10.0.0.1:80"))),
        &[limited],
    );
    let text = text(&metrics, None);
    assert_eq!(samples(&text, "ipvs_backend_upper_threshold").len(), 1);
    assert_eq!(samples(&text, "ipvs_backend_lower_threshold").len(), 0);
    assert!(samples(&text, "ipvs_service_backends")[0].ends_with("} 0"));
}
