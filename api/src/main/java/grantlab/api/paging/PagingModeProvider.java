package grantlab.api.paging;

import grantlab.api.Provider;

/** A paging mode, found by ServiceLoader and chosen by {@code paging} in the configuration. */
public interface PagingModeProvider extends Provider<PagingMode> {}
