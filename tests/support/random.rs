//! Random tables, as rules.

/// Marsaglia's xorshift: a sequence that a seed repeats anywhere.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    pub fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// The same sequence in each run; IPVSADM_SEED names another. A failed test shows the seed.
pub fn repeatable() -> Random {
    let seed = number_in("IPVSADM_SEED", 20_260_101);
    println!("IPVSADM_SEED={seed}");
    // Small seeds would make sequences that begin alike.
    Random(seed.max(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
}

/// A number that the environment may set.
pub fn number_in(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number"))
    })
}

const SERVICES: [&str; 8] = [
    "-t 10.0.0.1:80",
    "-u 10.0.0.1:80",
    "--sctp-service 10.0.0.2:80",
    "-f 1",
    "-f 1 -6",
    "-f 2147483647",
    "-t [fd00::1]:80",
    "-t 127.0.0.1:80",
];
const SERVICE_OPTIONS: [&str; 14] = [
    "-s rr",
    "-s wrr",
    "-s sh",
    "-s sh -b sh-port",
    "-s mh -b mh-fallback,mh-port",
    "-b flag-1",
    "-s rr -b flag-2,flag-3",
    "-p",
    "-p 5",
    "-p 2678400",
    "-p 60 -M 255.255.255.0",
    "--pe sip -p",
    "--pe sip",
    "",
];
const SERVERS: [&str; 7] = [
    "10.0.0.3:80",
    "10.0.0.3:8080",
    "10.0.0.4:80",
    "127.0.0.1:80",
    "[fd00::3]:80",
    "[fd00::3]:8080",
    "[fd00::4]:80",
];
const SERVER_OPTIONS: [&str; 10] = [
    "-g",
    "-m",
    "-m -w 5",
    "-i",
    "-i --tun-type gre --tun-csum",
    "-i --tun-type gue --tun-port 6080 --tun-remcsum",
    "-w 0",
    "-w 2147483647",
    "-x 9 -y 5",
    "-m -w 9 -x 3",
];

/// A table's rules, each of which both programs take. The order is random, but for services before their servers.
pub fn table_of(random: &mut Random) -> String {
    let mut rules = String::new();
    for service in SERVICES {
        if random.below(3) == 0 {
            continue;
        }
        let six = service.contains("::") || service.ends_with("-6");
        let mut options = random.of(&SERVICE_OPTIONS);
        if six && options.contains("-M") {
            options = "-p 60 -M 64";
        }
        rules += &format!("-A {service} {options}\n");
        let mut there = Vec::new();
        for _ in 0..random.below(5) {
            let server = random.of(&SERVERS);
            let options = random.of(&SERVER_OPTIONS);
            let mixed = server.contains("::") != six;
            // Without masquerading the port is the service's, and two servers may become one.
            let address = server
                .rsplit_once(':')
                .map_or(server, |(address, _)| address);
            if there.contains(&address) || (mixed && !options.contains("-i")) {
                continue;
            }
            there.push(address);
            rules += &format!("-a {service} -r {server} {options}\n");
        }
    }
    if random.below(3) == 0 {
        rules += random.of(&["--set 900 120 300\n", "--set 0 7 0\n", "--set 5 6 7\n"]);
    }
    rules
}
