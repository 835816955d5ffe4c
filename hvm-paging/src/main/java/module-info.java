/** Grant mappings as entries of the guest-physical map. */
module grantlab.paging.hvm {
    requires grantlab.api;

    provides grantlab.api.paging.PagingModeProvider with
            grantlab.paging.hvm.HvmPaging;
}
