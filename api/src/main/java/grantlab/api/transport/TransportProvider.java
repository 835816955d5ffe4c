package grantlab.api.transport;

import grantlab.api.Provider;

/** A transport, for ServiceLoader. */
public interface TransportProvider extends Provider<Transport> {}
