/** Grant table format v1: 8-byte entries in frames of the hypervisor. */
@SuppressWarnings("module") // the digit is the name of the format
module grantlab.grant.v1 {
    requires grantlab.api;
    requires static org.jspecify;

    provides grantlab.api.grant.GrantFormatProvider with
            grantlab.grant.v1.FormatV1Provider;
}
