using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.Local.CommandLine;
using AiOs.Security;

namespace AiOs.Tests;

/// <summary>Knowledge beside the package: added, found, answered from, kept from whom it is not for, removed.</summary>
public sealed class KnowledgeApiTests(DeployedApps apps)
{
    const string Route = "api/apps/customer-support/knowledge/";

    [Fact]
    public async Task An_added_document_is_quoted_in_the_next_answer_and_gone_after_its_removal()
    {
        await using var os = await apps.StartAsync();
        using var added = await PutAsync(os.Http, "mortgages.txt", "Mortgages\n\nThe bank offers mortgages up to 400,000.00 EUR with a fixed rate of ten years."u8);
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
        var listed = await os.Http.GetFromJsonAsync<JsonElement>(Route.TrimEnd('/'));
        Assert.Contains(listed.GetProperty("documents").EnumerateArray(), d => d.GetProperty("path").GetString() == "added/mortgages.txt" && d.GetProperty("source").GetString() == "added");
        var found = await os.Http.GetFromJsonAsync<JsonElement>("api/apps/customer-support/passages?query=mortgages&top=1");
        Assert.Equal("added/mortgages.txt", found.GetProperty("passages")[0].GetProperty("document").GetString());
        var outcome = await os.SendAsync("customer-support", "Does the bank offer mortgages with a fixed rate?");
        Assert.Contains(outcome.GetProperty("answer").GetProperty("citations").EnumerateArray(), c => c.GetProperty("document").GetString() == "added/mortgages.txt");
        using var removed = await os.Http.DeleteAsync(Route + "mortgages.txt");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var again = await os.Http.DeleteAsync(Route + "mortgages.txt");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_by_name_and_what_is_in_force_stays()
    {
        await using var os = await apps.StartAsync();
        using var first = await PutAsync(os.Http, "note.md", "# Parking\n\nThe parking place is behind the house."u8);
        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync());
        using var broken = await PutAsync(os.Http, "note.md", [0xC3, 0x28]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, broken.StatusCode);
        Assert.Contains("note.md", (await broken.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        using var kind = await PutAsync(os.Http, "note.pdf", "%PDF"u8);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, kind.StatusCode);
        using var unknown = await os.Http.GetAsync("api/apps/no-such-app/knowledge");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        var found = await os.Http.GetFromJsonAsync<JsonElement>("api/apps/customer-support/passages?query=parking%20place&top=1");
        Assert.Equal("added/note.md", found.GetProperty("passages")[0].GetProperty("document").GetString());
    }

    [Fact]
    public async Task A_document_for_operators_is_found_by_them_and_by_no_client_who_may_add_nothing_either()
    {
        await using var os = await apps.StartAsync();
        using var added = await PutAsync(os.Http, "vault.md", "# Vault\n\nThe vault of the bank opens at noon."u8, "?roles=operator");
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
        using var operators = await os.ClientOfAsync(Role.Operator);
        using var client = await os.ClientOfAsync(Role.Client);
        const string Question = "api/apps/customer-support/passages?query=when%20does%20the%20vault%20open&top=5";
        Assert.Contains("vault.md", await operators.GetStringAsync(Question), StringComparison.Ordinal);
        Assert.DoesNotContain("vault.md", await client.GetStringAsync(Question), StringComparison.Ordinal);
        Assert.DoesNotContain("vault.md", await client.GetStringAsync(Route.TrimEnd('/')), StringComparison.Ordinal);
        using var answered = await os.PostAsync("customer-support", new { text = "When does the vault of the bank open?" }, client: client);
        Assert.DoesNotContain("noon", await answered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var refused = await PutAsync(client, "more.md", "# More\n\nMore."u8);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task The_commands_add_list_search_and_remove()
    {
        await using var os = await apps.StartAsync();
        var file = Path.Combine(apps.Copy(), "parking.html");
        await File.WriteAllTextAsync(file, "<h1>Parking</h1><p>The parking place is behind the house.</p>");
        (string, string)[] server = [("AIOS_URL", os.Http.BaseAddress!.ToString()), ("AIOS_KEY", os.Http.DefaultRequestHeaders.Authorization!.Parameter!)];
        var added = await CommandLineTests.RunAsync(["knowledge", "add", "customer-support", file], server);
        Assert.True(added.Code == 0, added.Error);
        Assert.Contains("added/parking.html", (await CommandLineTests.RunAsync(["knowledge", "list", "customer-support"], server)).Output, StringComparison.Ordinal);
        Assert.Contains("behind the house", (await CommandLineTests.RunAsync(["knowledge", "search", "customer-support", "parking place", "--json"], server)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLineTests.RunAsync(["knowledge", "remove", "customer-support", "parking.html"], server)).Code);
        Assert.Equal(ExitCode.Refused, (await CommandLineTests.RunAsync(["knowledge", "remove", "customer-support", "parking.html"], server)).Code);
    }

    static Task<HttpResponseMessage> PutAsync(HttpClient client, string name, ReadOnlySpan<byte> content, string query = "") =>
        client.PutAsync(Route + name + query, new ByteArrayContent(content.ToArray()));
}
