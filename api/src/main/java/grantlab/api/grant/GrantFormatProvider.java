package grantlab.api.grant;

import grantlab.api.Provider;

/** A grant format, found by ServiceLoader and chosen by {@code grant-format} in the configuration. */
public interface GrantFormatProvider extends Provider<GrantFormat> {}
