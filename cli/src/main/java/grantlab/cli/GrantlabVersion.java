package grantlab.cli;

import picocli.CommandLine.IVersionProvider;

/** Which Grantlab, on which Java. */
final class GrantlabVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Grantlab.class.getPackage().getImplementationVersion();
        return new String[] {
            "grantlab " + (version == null ? "(development)" : version) + ", Java "
                    + Runtime.version().feature()
        };
    }
}
