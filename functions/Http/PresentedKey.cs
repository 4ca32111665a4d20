using Microsoft.AspNetCore.Http;

namespace AiOs.Functions.Http;

/// <summary>The client key that a request carries.</summary>
public static class PresentedKey
{
    /// <summary>From <c>x-functions-key</c>, otherwise the bearer token; null where there is neither.</summary>
    public static string? Of(HttpRequest request)
    {
        var key = request.Headers["x-functions-key"].ToString();
        if (key.Length > 0) return key;
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && authorization.Length > 7 ? authorization[7..].Trim() : null;
    }
}
