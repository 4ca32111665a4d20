using AiOs.Security;
using Microsoft.AspNetCore.Http;

namespace AiOs.Functions.Http;

/// <summary>The principal of the current request, as <see cref="HttpGate"/> found it.</summary>
static class Caller
{
    static readonly object Key = new();

    /// <summary>Remembers the principal for the rest of the request.</summary>
    public static void Set(HttpContext http, Principal principal) => http.Items[Key] = principal;

    /// <summary>Who asks; anonymous where the function allows it and no key was sent.</summary>
    public static Principal Principal(this HttpRequest request) => request.HttpContext.Items[Key] as Principal ?? Security.Principal.Anonymous;
}
