package io.sluice.vendor.customerio;

import io.sluice.vendor.Settling;

/** Settles what became of triggers of broadcasts. */
interface BroadcastResolver extends Settling {}
