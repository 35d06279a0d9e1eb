package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Answer;
import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Operations;
import io.sluice.sandbox.http.Surface;
import io.sluice.sandbox.limits.Limits;

/** The host of the App API's signed links: without credentials and limits, and in the wild another host. */
final class CustomerioFiles implements Surface {
    static final String MOUNT = "/sandbox/customerio/files";

    private final Operations operations = new Operations();

    CustomerioFiles(CustomerioExports exports) {
        operations.open("file", "GET", "/{file}", exports::file).otherwise(call -> Answer.empty(404));
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
    public Answer unauthorized() {
        return Answer.empty(401);
    }

    @Override
    public Answer tooMany(Limits.Decision.Rejected rejected) {
        return Answer.empty(429);
    }

    @Override
    public Answer malformed(String detail) {
        return Answer.empty(400);
    }

    @Override
    public Answer tooLarge() {
        return Answer.empty(413);
    }
}
