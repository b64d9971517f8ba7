//! How connections are made, and left when they went stale.

use std::time::{Duration, Instant, SystemTime};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, RustlsConnector, TcpConnector, Transport,
};

use super::trace::{Mark, Trace};

/// Connections idle for longer are not used again: Node's servers, which many facilitators are,
/// close theirs after 5 seconds. <https://nodejs.org/api/http.html#serverkeepalivetimeout>
pub(super) const MAX_IDLE: Duration = Duration::from_secs(4);

/// DNS, TCP, TLS, and the witness above them all.
pub(super) fn connector() -> impl Connector<(), Out = impl Transport> {
    Dial.chain(Secure(RustlsConnector::default())).chain(WitnessConnector)
}

/// Leaves looking the host up to [`Dial`]: a call on a connection that was kept needs no address.
#[derive(Debug)]
pub(super) struct Later;

impl Resolver for Later {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Looks the host up and connects to it.
#[derive(Debug)]
struct Dial;

impl Connector<()> for Dial {
    type Out = <TcpConnector as Connector>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        let ConnectionDetails { uri, config, timeout, .. } = *details;
        let resolver = DefaultResolver::default();
        let began = Instant::now();
        let addrs = resolver.resolve(uri, config, timeout)?;
        Trace::mark(Mark::Resolved);
        let left = timeout.after.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(Error::Timeout(timeout.reason));
        }
        let details = ConnectionDetails {
            addrs,
            now: (details.current_time)(),
            timeout: NextTimeout { after: left.into(), ..timeout },
            resolver: &resolver,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
            ..*details
        };
        let connected = TcpConnector::default().connect(&details, None::<()>)?;
        Trace::mark(Mark::Connected);
        Ok(connected)
    }
}

/// Speaks TLS where the URL is https, with one configuration for the life of the sandbox. Left to
/// itself, ureq would make a new one for every request that has time limits of its own: each would
/// parse the trust store again, and none could resume an earlier session.
#[derive(Debug)]
struct Secure(RustlsConnector);

impl<In: Transport> Connector<In> for Secure {
    type Out = <RustlsConnector as Connector<In>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let details = ConnectionDetails {
            request_level: false,
            addrs: details.addrs.clone(),
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
            ..*details
        };
        self.0.connect(&details, chained)
    }
}

#[derive(Debug)]
struct WitnessConnector;

impl<In: Transport> Connector<In> for WitnessConnector {
    type Out = Witness<In>;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Witness<In>>, Error> {
        Trace::mark(Mark::Secured);
        Ok(chained.map(|inner| Witness { inner, used: SystemTime::now() }))
    }
}

/// The outermost layer of a connection, above TLS: it sees HTTP only. Whether a byte of the request
/// went out decides whether a payment may have been submitted, and kinds of errors do not tell.
#[derive(Debug)]
struct Witness<T> {
    inner: T,
    /// By the wall clock: the monotonic one may stand still while the sandbox is frozen.
    used: SystemTime,
}

impl<T: Transport> Transport for Witness<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        // Before and after: a write that fails may have gone out, and one that ends took time.
        Trace::mark(Mark::Wrote);
        self.inner.transmit_output(amount, timeout)?;
        Trace::mark(Mark::Wrote);
        self.used = SystemTime::now();
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let more = self.inner.await_input(timeout)?;
        if more {
            Trace::mark(Mark::Heard);
        }
        self.used = SystemTime::now();
        Ok(more)
    }

    /// Asked before a connection is used again. A clock that went back proves nothing: then it is
    /// left, too.
    fn is_open(&mut self) -> bool {
        self.used.elapsed().is_ok_and(|idle| idle < MAX_IDLE) && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::unversioned::transport::LazyBuffers;

    /// A connection that its server never closes.
    #[derive(Debug)]
    struct Open(LazyBuffers);

    impl Transport for Open {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.0
        }

        fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    #[test]
    fn idle_time_is_the_wall_clocks() {
        let now = SystemTime::now();
        let kept = |used| {
            let mut witness = Witness { inner: Open(LazyBuffers::new(1, 1)), used };
            let before = witness.is_open();
            witness.transmit_output(0, NextTimeout::default()).unwrap();
            assert!(witness.is_open(), "it was used just now");
            before
        };
        assert!(kept(now));
        assert!(!kept(now - MAX_IDLE));
        // The clock was set back, or the sandbox was thawed on a host whose clock is behind.
        assert!(!kept(now + Duration::from_secs(60)));
    }
}
