using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Security;
using Dapper;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;

namespace AiOs.Tests.Security;

/// <summary>What masking and the vault promise, on every dialect.</summary>
public abstract class MaskingContract
{
    static readonly string[] Personal =
        ["ann@example.com", "jörg.b@müller.de", "+44 20 7946 0958", "01.84.17.61.18", "4111 1111 1111 1111", "378282246310005", "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"];

    protected abstract Task<TestDatabase> OpenAsync(MigrationSet migrations);

    static (Masking Masking, Vault Vault) Over(TestDatabase test, string? key = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(VaultKeys.Key, key)]).Build();
        var vault = new Vault(test.Database, VaultKeys.Open(configuration, test.Data), TimeProvider.System);
        return (new Masking(vault), vault);
    }

    [Fact]
    public async Task Whatever_was_masked_is_gone_from_the_text_and_comes_back_by_revealing()
    {
        await using var test = await OpenAsync(SecurityTables.Migrations);
        var (masking, vault) = Over(test);
        var piece = Gen.Elements(["please pay", "the claim PC-123456 of", "é\u200B[", "of 2026-01-15:", "€ 1.250,00 to", "[email:", ".", "“", "]"]);
        var sentence = from pieces in piece.ListOf() from value in Gen.Elements(Personal) select $"{string.Join(' ', pieces)} ; {value}";
        var text = sentence.ListOf().Select(sentences => string.Join(" ; ", sentences));
        foreach (var sample in text.Sample(12, 40))
        {
            var masked = await masking.MaskAsync("claims", sample, MaskKinds.All, CancellationToken.None);
            Assert.All(Personal, value => Assert.DoesNotContain(value, masked.Text, StringComparison.Ordinal));
            Assert.All(masked.Spans, span => Assert.Equal(span.Token, masked.Text[span.Start..span.End]));
            Assert.Equal(sample, await vault.RevealAsync(masked.Text, CancellationToken.None));
            Assert.Equal(masked.Text, (await masking.MaskAsync("claims", masked.Text, MaskKinds.All, CancellationToken.None)).Text);
        }
    }

    [Fact]
    public async Task One_value_has_one_token_in_every_spelling_and_after_a_restart()
    {
        await using var test = await OpenAsync(SecurityTables.Migrations);
        var first = await Over(test).Masking.MaskAsync("claims", "to DE89 3704 0044 0532 0130 00, ann@example.com", MaskKinds.All, CancellationToken.None);
        var second = await Over(test).Masking.MaskAsync("support", "Ann@Example.com to de89370400440532013000", MaskKinds.All, CancellationToken.None);
        Assert.Equal(first.Spans.Select(s => s.Token).Order(StringComparer.Ordinal), second.Spans.Select(s => s.Token).Order(StringComparer.Ordinal));
        Assert.Equal(["iban", "email"], first.Spans.Select(s => s.Kind));
        Assert.Matches(@"^\[iban:[a-z2-7]{26}\]$", first.Spans[0].Token);
        Assert.Equal(2, await test.Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM vault_entries"), CancellationToken.None));
    }

    [Fact]
    public async Task JSON_is_masked_in_every_string_and_keeps_its_names_and_its_other_values()
    {
        await using var test = await OpenAsync(SecurityTables.Migrations);
        var (masking, vault) = Over(test);
        using var document = JsonDocument.Parse("""
            {"contact":{"mobilePhone":"612345678","ann@example.com":[true,null,1.50,"mail ann@example.com"]},"policyNumber":"612345678","card":4111111111111111,"amount":12345678,"note":"ü & <b>"}
            """);
        var masked = await masking.MaskAsync("claims", document.RootElement, MaskKinds.All, CancellationToken.None);
        Assert.StartsWith("[phone:", masked.GetProperty("contact").GetProperty("mobilePhone").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("[card:", masked.GetProperty("card").GetString(), StringComparison.Ordinal);
        Assert.Equal("1.50", masked.GetProperty("contact").GetProperty("ann@example.com")[2].GetRawText());
        Assert.Equal(("612345678", "12345678", "ü & <b>"), (masked.GetProperty("policyNumber").GetString(), masked.GetProperty("amount").GetRawText(), masked.GetProperty("note").GetString()));
        Assert.Equal("mail ann@example.com", await vault.RevealAsync(masked.GetProperty("contact").GetProperty("ann@example.com")[3].GetString()!, CancellationToken.None));
    }

    [Fact]
    public async Task No_byte_of_an_original_stands_in_the_table_and_a_swapped_or_changed_entry_is_noticed()
    {
        await using var test = await OpenAsync(SecurityTables.Migrations);
        var (masking, vault) = Over(test);
        var masked = await masking.MaskAsync("claims", "ann@example.com bob@example.com", MaskKinds.All, CancellationToken.None);
        var rows = (await test.Database.ReadAsync(connection => connection.QueryAsync<(string Token, byte[] Sealed)>("SELECT token, sealed FROM vault_entries"), CancellationToken.None)).AsList();
        Assert.All(rows, row => Assert.DoesNotContain("example", Encoding.Latin1.GetString(row.Sealed), StringComparison.Ordinal));

        await test.Database.WriteAsync((connection, transaction) => connection.ExecuteAsync("UPDATE vault_entries SET sealed = @Sealed WHERE token <> @Token", new { rows[0].Token, rows[0].Sealed }, transaction), CancellationToken.None);
        await Assert.ThrowsAnyAsync<CryptographicException>(() => vault.RevealAsync(masked.Text, CancellationToken.None));
    }

    [Fact]
    public async Task A_token_from_outside_reveals_nothing_and_an_invented_one_neither()
    {
        await using var test = await OpenAsync(SecurityTables.Migrations);
        var (masking, vault) = Over(test);
        var stolen = (await masking.MaskAsync("claims", "ann@example.com", MaskKinds.All, CancellationToken.None)).Text;
        var foreign = await masking.MaskForeignAsync("claims", $"send {stolen} to bob@example.com", MaskKinds.All, CancellationToken.None);
        Assert.Equal("bob@example.com", Assert.Single(foreign.Spans) is var span ? await vault.RevealAsync(span.Token, CancellationToken.None) : "");
        Assert.DoesNotContain("ann", await vault.RevealAsync(foreign.Text, CancellationToken.None), StringComparison.Ordinal);
        var json = await masking.MaskForeignAsync("claims", JsonSerializer.SerializeToElement(new { to = stolen }), MaskKinds.All, CancellationToken.None);
        Assert.Equal($"({stolen[1..^1]})", json.GetProperty("to").GetString());
        var invented = "[email:" + new string('a', 26) + "]";
        Assert.Equal(invented, await vault.RevealAsync(invented, CancellationToken.None));
    }

    [Fact]
    public async Task A_vault_refuses_another_key_than_it_was_begun_with_and_masking_a_kind_that_it_does_not_know()
    {
        await using var test = await OpenAsync(SecurityTables.Migrations);
        var (masking, _) = Over(test);
        await masking.MaskAsync("claims", "ann@example.com", MaskKinds.All, CancellationToken.None);
        var other = Over(test, Convert.ToBase64String(new byte[32]));
        await Assert.ThrowsAsync<InvalidDataException>(() => other.Masking.MaskAsync("claims", "bob@example.com", MaskKinds.All, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => masking.MaskAsync("claims", "Ann", ["person"], CancellationToken.None));
    }
}

public sealed class SqliteMaskingTests : MaskingContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet migrations) => TestDatabase.SqliteAsync(migrations);

    [Fact]
    public async Task The_key_file_is_its_owners_alone()
    {
        await using var test = await OpenAsync(SecurityTables.Migrations);
        var none = new ConfigurationBuilder().Build();
        VaultKeys.Open(none, test.Data);
        Assert.False(OwnerOnly.IsOpenToOthers(test.Data.File("vault.key")));
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(test.Data.File("vault.key"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Throws<InvalidDataException>(() => VaultKeys.Open(none, test.Data));
    }
}

public sealed class PostgresMaskingTests(PostgresServer server) : MaskingContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet migrations) => TestDatabase.PostgresAsync(server, migrations);
}
