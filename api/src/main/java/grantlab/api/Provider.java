package grantlab.api;

import java.util.Set;

/**
 * What ServiceLoader finds. One for each implementation, cheap to construct; two of one service with one name are an
 * error at start. The services are the interfaces that extend this one.
 *
 * @param <S> what is provided
 */
public interface Provider<S> {
    /**
     * The name in grantlab.conf, in combination names and in reports.
     *
     * @return lower case letters, digits and dashes
     */
    String name();

    /**
     * What the implementation promises beyond the contract.
     *
     * @return an immutable set, always the same
     */
    Set<Capability> capabilities();

    /**
     * Makes the implementation for one machine. Called once per machine, before its first domain.
     *
     * @param ground all that the implementation may touch
     * @return a new instance that shares no state with other machines
     */
    S create(Ground ground);
}
