package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Operations;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Surface;
import io.sluice.sandbox.limits.Limits;

/** The host of the App API's signed links: without credentials and limits, and in the wild another host. */
final class CustomerioFiles implements Surface {
    static final String MOUNT = "/sandbox/customerio/files";

    private final Operations operations = new Operations();

    CustomerioFiles(CustomerioExports exports) {
        operations.open("file", "GET", "/{file}", exports::file).otherwise(call -> SandboxResponse.empty(404));
    }

    @Override
    public String mount() {
        return MOUNT;
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public boolean admits(Call call) {
        return true;
    }

    @Override
    public SandboxResponse unauthorized() {
        return SandboxResponse.empty(401);
    }

    @Override
    public SandboxResponse tooMany(Limits.Decision.Rejected rejected) {
        return SandboxResponse.empty(429);
    }

    @Override
    public SandboxResponse malformed(String detail) {
        return SandboxResponse.empty(400);
    }

    @Override
    public SandboxResponse tooLarge() {
        return SandboxResponse.empty(413);
    }
}
