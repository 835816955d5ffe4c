/** Grant table format v2: 16-byte entries and status words in frames of the hypervisor. */
@SuppressWarnings("module") // the digit is the name of the format
module grantlab.grant.v2 {
    requires grantlab.api;
    requires static org.jspecify;

    provides grantlab.api.grant.GrantFormatProvider with
            grantlab.grant.v2.FormatV2Provider;
}
