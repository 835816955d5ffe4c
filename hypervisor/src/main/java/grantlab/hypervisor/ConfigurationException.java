package grantlab.hypervisor;

/** The embedding program asked for something that does not exist. The message is one line for its user. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * One line.
     *
     * @param message what is wrong and what there is
     */
    public ConfigurationException(String message) {
        super(message);
    }
}
