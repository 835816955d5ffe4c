/** Grant mappings as entries of the guest's own page tables. */
module grantlab.paging.pv {
    requires grantlab.api;

    provides grantlab.api.paging.PagingModeProvider with
            grantlab.paging.pv.PvPaging;
}
