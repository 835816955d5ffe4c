/** The command {@code grantlab}: arguments and printing, nothing else. */
module grantlab.cli {
    requires grantlab.conformance;
    requires grantlab.virtio;
    requires info.picocli;
    requires me.tongfei.progressbar;
    requires typesafe.config;
    requires static org.jspecify;

    opens grantlab.cli to
            info.picocli;
}
