import * as iam from "@aws-sdk/client-iam";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { allow, type Backing, makeRole, trust } from "@/server/testing/cleaner/backing";

async function seedIam(input: ClientInput): Promise<void> {
  const client = new iam.IAMClient(clientOptions(input));
  const { Policy } = await client.send(new iam.CreatePolicyCommand({ PolicyName: "extra", PolicyDocument: allow }));
  const PolicyArn = Policy?.Arn;
  await client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allow, SetAsDefault: true }));
  const UserName = "mallory";
  await client.send(new iam.CreateUserCommand({ UserName }));
  await client.send(new iam.CreateAccessKeyCommand({ UserName }));
  await client.send(new iam.CreateLoginProfileCommand({ UserName, Password: "Sup3r-secret-word" }));
  await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "inline", PolicyDocument: allow }));
  await client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn }));
  await client.send(new iam.CreateGroupCommand({ GroupName: "friends" }));
  await client.send(new iam.AddUserToGroupCommand({ UserName, GroupName: "friends" }));
  await client.send(new iam.AttachGroupPolicyCommand({ GroupName: "friends", PolicyArn }));
  await client.send(
    new iam.PutGroupPolicyCommand({ GroupName: "friends", PolicyName: "inline", PolicyDocument: allow }),
  );
  const { VirtualMFADevice } = await client.send(
    new iam.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "phone" }),
  );
  const SerialNumber = VirtualMFADevice?.SerialNumber;
  const codes = { AuthenticationCode1: "123456", AuthenticationCode2: "654321" };
  await client.send(new iam.EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }));
  await makeRole(input, "machine");
  const RoleName = "machine";
  await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }));
  await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument: allow }));
  const InstanceProfileName = "machine";
  await client.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName }));
  await client.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
  await client.send(
    new iam.CreateOpenIDConnectProviderCommand({ Url: "https://id.example.com", ThumbprintList: ["a".repeat(40)] }),
  );
  const SAMLMetadataDocument = `<md>${"x".repeat(1_000)}</md>`;
  await client.send(new iam.CreateSAMLProviderCommand({ Name: "corp", SAMLMetadataDocument }));
  const certificate = { CertificateBody: "body", PrivateKey: "key" };
  await client.send(new iam.UploadServerCertificateCommand({ ServerCertificateName: "old", ...certificate }));
  await client.send(new iam.CreateAccountAliasCommand({ AccountAlias: "my-lab" }));
  for (const name of ["AtelierLease-x", "AWSReservedSSO_Admin_1"]) await makeRole(input, name);
  // A back door under a name like ours: it trusts an account that nobody here knows.
  const outside = trust.replace('"Service":"lambda.amazonaws.com"', '"AWS":"arn:aws:iam::999999999999:root"');
  const door = { RoleName: "AtelierLease-door", AssumeRolePolicyDocument: outside };
  await client.send(new iam.CreateRoleCommand(door));
  await client.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName: "autoscaling.amazonaws.com" }));
}

export const backing: Backing = {
  seed: seedIam,
};
